/**
 * Who may write (P4, R12, R13): the replicated lock table. Start at {@link
 * io.sheepdog.core.lock.LockTable}. Pure values, part of {@link
 * io.sheepdog.core.cluster.ClusterState}; which connections hold a lock is known only to its
 * gateway, see {@link io.sheepdog.core.session}.
 */
@NullMarked
package io.sheepdog.core.lock;

import org.jspecify.annotations.NullMarked;
