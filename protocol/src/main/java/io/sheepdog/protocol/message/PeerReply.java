package io.sheepdog.protocol.message;

/**
 * Response to our own requests, 0xe0..0xff.
 *
 * <pre>
 *  20 - u32 | 24 incarnation u64 | 32 sequence u64 | 40 aux u64
 * </pre>
 *
 * @param incarnation incarnation of the answering daemon; in the answer to NODE_STATUS 0 when it is
 *     no member of the cluster
 * @param sequence number of the last ordered event that it has applied
 * @param aux what the operation answers beside its result, for example the size of a fetched
 *     object; 0 if nothing
 */
public record PeerReply(long incarnation, long sequence, long aux) implements ResponseBody {}
