/**
 * Commands about the whole cluster. Start at {@link io.sheepdog.cli.cluster.ClusterInfoCommand}.
 * Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.cluster;

import org.jspecify.annotations.NullMarked;
