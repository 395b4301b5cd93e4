/**
 * This node's part in the ordered history: joining, receiving the state, applying events, telling
 * the originator that they were applied (R4), logging epochs before serving in them. Start at
 * {@link io.sheepdog.core.membership.ClusterAgent}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.membership;

import org.jspecify.annotations.NullMarked;
