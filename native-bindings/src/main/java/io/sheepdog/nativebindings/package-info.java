/**
 * Native libraries behind plain Java interfaces; the only code that may use JNA.
 *
 * <p>Start at {@link io.sheepdog.nativebindings.group.CorosyncGroup} (a process group of corosync
 * with its threads), {@link io.sheepdog.nativebindings.cfg.NodeAddresses}, {@link
 * io.sheepdog.nativebindings.cmap.TotemTimes} and {@link
 * io.sheepdog.nativebindings.systemd.ServiceManager}. Interfaces named {@code ...Library} mirror a
 * C header and hold no logic; the class beside each turns return codes into {@link
 * io.sheepdog.nativebindings.CorosyncException}.
 *
 * <p>Threading: calls block at most for a round trip to the local corosync. Whatever dispatches
 * callbacks of libcpg needs a stack of several MiB; {@link io.sheepdog.nativebindings.group} sees
 * to that.
 */
@NullMarked
package io.sheepdog.nativebindings;

import org.jspecify.annotations.NullMarked;
