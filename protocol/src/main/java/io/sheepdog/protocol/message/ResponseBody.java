package io.sheepdog.protocol.message;

/**
 * The last 28 bytes of a response header; which record, the opcode decides ({@link ResponseCodec}).
 */
public sealed interface ResponseBody
    permits NoBody,
        ObjectReply,
        VdiReply,
        NodeReply,
        HashReply,
        ClusterDefaultReply,
        PeerReply,
        RawReply {}
