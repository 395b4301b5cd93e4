package io.sheepdog.protocol.message;

/**
 * The 28 body bytes as they are: of unknown opcodes, of operations without a layout whose bytes are
 * not zero, and of replies with an impossible VDI id.
 *
 * @param head bytes 20..23 as little-endian u32
 * @param first bytes 24..31 as little-endian u64
 * @param second bytes 32..39
 * @param third bytes 40..47
 */
public record RawReply(int head, long first, long second, long third) implements ResponseBody {}
