package io.sheepdog.protocol.message;

/**
 * The last 32 bytes of a request header; which record, the opcode decides ({@link RequestCodec}).
 */
public sealed interface RequestBody
    permits ObjectBody,
        VdiBody,
        ClusterBody,
        VdiStateBody,
        RefBody,
        ForwardBody,
        CheckpointBody,
        CoherenceBody,
        PeerBody,
        PeerWriteBody,
        PeerVersionBody,
        PeerCopyBody,
        SequenceBody,
        LeaseBody,
        UsageBody,
        RawBody {}
