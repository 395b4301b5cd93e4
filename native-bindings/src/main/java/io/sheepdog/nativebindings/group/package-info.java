/**
 * A process group of corosync with the threads it needs. Start at {@link
 * io.sheepdog.nativebindings.group.CorosyncGroup}.
 *
 * <p>Threading: one thread dispatches libcpg and libquorum and calls the {@link
 * io.sheepdog.nativebindings.group.GroupListener}; it has a stack of 16 MiB (cpg_dispatch overflows
 * that of a usual Java thread, which kills the JVM) and waits nowhere but in poll(2). A second one
 * makes the requests, which corosync may answer with "try again" for seconds. Methods of {@link
 * io.sheepdog.nativebindings.group.Group} never wait and may be called by any thread.
 */
@NullMarked
package io.sheepdog.nativebindings.group;

import org.jspecify.annotations.NullMarked;
