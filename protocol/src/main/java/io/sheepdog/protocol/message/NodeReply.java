package io.sheepdog.protocol.message;

/**
 * Response to GET_NODE_LIST, STAT_SHEEP and STAT_CLUSTER.
 *
 * <pre>
 *  20 nr_nodes u32 | 24 - (8 bytes) | 32 store_size u64 | 40 store_free u64
 * </pre>
 *
 * @param nodeCount entries of the node list, u32
 * @param storeSize bytes of the answering node's store
 * @param storeFree free bytes of it
 */
public record NodeReply(int nodeCount, long storeSize, long storeFree) implements ResponseBody {
  /** All zero. */
  public static final NodeReply EMPTY = new NodeReply(0, 0, 0);
}
