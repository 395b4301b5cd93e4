/**
 * Vocabulary of the sheepdog protocol: operation codes, result codes, flags, versions and limits.
 *
 * <p>Start from {@link io.sheepdog.protocol.Opcode}. Messages are in {@code message}, payload
 * structures in {@code payload}, the inode object in {@code inode}, identifiers in {@code id}, the
 * hash ring in {@code placement}.
 *
 * <p>Everything in this module is a pure codec: immutable values, no I/O, no clock, no threads. All
 * numbers on the wire are little-endian; only the 16 address bytes of a node are in network order.
 * Any thread may use any type, except where a class says that it is mutable.
 */
@NullMarked
package io.sheepdog.protocol;

import org.jspecify.annotations.NullMarked;
