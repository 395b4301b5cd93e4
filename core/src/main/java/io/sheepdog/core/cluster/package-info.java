/**
 * What all nodes agree on. {@link io.sheepdog.core.cluster.ClusterState} is an immutable value;
 * {@link io.sheepdog.core.cluster.ClusterState#apply} takes it to the next one for each totally
 * ordered {@link io.sheepdog.core.cluster.ClusterEvent}, without I/O, clock or randomness, so that
 * every node that has seen the same events has the same state. {@link
 * io.sheepdog.core.membership.ClusterAgent} feeds it.
 */
@NullMarked
package io.sheepdog.core.cluster;

import org.jspecify.annotations.NullMarked;
