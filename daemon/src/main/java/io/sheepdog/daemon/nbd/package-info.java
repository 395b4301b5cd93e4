/**
 * The NBD server: VDIs as block devices for every QEMU, libvirt, Linux and libnbd of today.
 *
 * <p>Start at {@link io.sheepdog.daemon.nbd.NbdServer}, which accepts connections; each goes
 * through {@link io.sheepdog.daemon.nbd.Handshake} (fixed newstyle negotiation) and then {@link
 * io.sheepdog.daemon.nbd.Transmission}. What a volume is, and what keeps the promises, is in {@link
 * io.sheepdog.core.block}; here are only bytes and bounds. Source of all facts: the protocol as
 * published by the NBD project (doc/proto.md of NetworkBlockDevice/nbd). Core loop only.
 */
@NullMarked
package io.sheepdog.daemon.nbd;

import org.jspecify.annotations.NullMarked;
