/**
 * Cluster driver {@code corosync}: the sheep of all hosts whose corosyncs form a ring are one
 * cluster, the process group {@code sheepdog}. Start at {@link
 * io.sheepdog.daemon.corosync.CorosyncClusterDriver}.
 *
 * <p>Corosync orders messages and membership changes and tells a joiner who is there, but not since
 * when, and it says nothing about which side of a healed partition goes on. So a process becomes a
 * member not by joining the group but by its {@link
 * io.sheepdog.daemon.corosync.GroupMessage.Hello}, to which all that know the order of the members
 * answer with a roster ({@link io.sheepdog.daemon.corosync.GroupHistory}); and {@link
 * io.sheepdog.daemon.corosync.RingGate} lets changes of the ring through only with quorum, and only
 * on one side of a merge.
 *
 * <p>Threading: what corosync's threads call is posted to the core loop at once; everything here
 * runs there.
 */
@NullMarked
package io.sheepdog.daemon.corosync;

import org.jspecify.annotations.NullMarked;
