/**
 * Rules, lookups and codecs of the state that all nodes agree on; start at {@link
 * io.sheepdog.core.cluster.History}, which plays events. Single thread.
 */
@NullMarked
package io.sheepdog.core.cluster;

import org.jspecify.annotations.NullMarked;
