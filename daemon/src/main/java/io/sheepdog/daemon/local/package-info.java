/**
 * Cluster driver {@code local}: the sheep processes of one host form a cluster through a directory.
 * Start at {@link io.sheepdog.daemon.local.LocalClusterDriver}.
 *
 * <p>There is no leader to lose: whoever has something to say appends it to one event file under an
 * exclusive file lock ({@link io.sheepdog.daemon.local.EventLog}), and everybody reads that file
 * from front to back. A member holds a lock on a file of its own for life ({@link
 * io.sheepdog.daemon.local.MemberFiles}); the kernel releases it when the process dies, and whoever
 * notices appends that it died. A stopped process (SIGSTOP) lags and catches up. Nothing here needs
 * to survive the host.
 *
 * <p><b>Threads.</b> Each driver has one thread that reads, appends and watches the others, and one
 * that waits for inotify. Public methods and listener calls: core loop.
 */
@NullMarked
package io.sheepdog.daemon.local;

import org.jspecify.annotations.NullMarked;
