/**
 * Real {@code sheep} processes for tests.
 *
 * <p>Start at {@link io.sheepdog.integration.cluster.LocalCluster}, a JUnit extension: the nodes
 * start before the first test of a class and stop after the last, and a failing test leaves their
 * logs; {@link io.sheepdog.integration.cluster.CorosyncCluster} is the same with machines of their
 * own and real corosync. Called from one test thread.
 */
@NullMarked
package io.sheepdog.integration.cluster;

import org.jspecify.annotations.NullMarked;
