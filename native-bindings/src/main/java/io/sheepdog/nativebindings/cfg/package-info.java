/**
 * libcfg: the addresses that corosync knows nodes by. Start at {@link
 * io.sheepdog.nativebindings.cfg.NodeAddresses}. Any thread.
 */
@NullMarked
package io.sheepdog.nativebindings.cfg;

import org.jspecify.annotations.NullMarked;
