/**
 * The other end of a gateway's requests: checks epoch and lock generation and applies them to the
 * local store. Start at {@link io.sheepdog.core.replica.ReplicaService}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.replica;

import org.jspecify.annotations.NullMarked;
