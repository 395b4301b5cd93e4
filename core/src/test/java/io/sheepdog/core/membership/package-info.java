/**
 * The agent in small simulated clusters; start at {@link io.sheepdog.core.membership.AgentWorld}.
 * Single thread.
 */
@NullMarked
package io.sheepdog.core.membership;

import org.jspecify.annotations.NullMarked;
