package io.sheepdog.protocol.message;

/**
 * Response to GET_NODE_LIST, STAT_SHEEP and STAT_CLUSTER.
 *
 * <pre>
 *  20 nr_nodes u32 | 24 local_idx u32 | 28 master_idx u32 | 32 store_size u64 | 40 store_free u64
 * </pre>
 *
 * @param nodeCount entries of the node list, u32
 * @param localIndex place of the answering node in the list (May 2010; reserved in v1.0), u32
 * @param masterIndex place of the oldest member in the list (May 2010; reserved in v1.0), u32
 * @param storeSize bytes of the answering node's store
 * @param storeFree free bytes of it
 */
public record NodeReply(
    int nodeCount, int localIndex, int masterIndex, long storeSize, long storeFree)
    implements ResponseBody {
  /** All zero. */
  public static final NodeReply EMPTY = new NodeReply(0, 0, 0);

  /** Without the fields of 2010. */
  public NodeReply(int nodeCount, long storeSize, long storeFree) {
    this(nodeCount, 0, 0, storeSize, storeFree);
  }
}
