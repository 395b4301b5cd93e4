/**
 * What is wrong with a corosync.conf. Start at {@link
 * io.sheepdog.corosyncconf.check.CorosyncCheck}: a file and what is known of this host go in,
 * findings come out, each with line, reason and remedy.
 *
 * <p>A rule is a {@link io.sheepdog.corosyncconf.check.Rule}; {@link
 * io.sheepdog.corosyncconf.keys.KnownKeys} knows every key of corosync 3.1 and what became of those
 * of version 1 and 2. Sources: corosync.conf(5) and votequorum(5) of corosync 3.1.7, and what that
 * version did with each mistake when it was started with it ({@code corosync -t} accepts most of
 * them).
 *
 * <p>Values are immutable, rules have no state. Host names are looked up on the calling thread.
 */
@NullMarked
package io.sheepdog.corosyncconf.check;

import org.jspecify.annotations.NullMarked;
