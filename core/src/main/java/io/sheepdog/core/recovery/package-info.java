/**
 * Background recovery: after an epoch is served, each node finds out what it has to hold, brings
 * what it lacks, and says when it has everything; when all have, copies that were set aside are
 * purged (R6). Start at {@link io.sheepdog.core.recovery.Recovery}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.recovery;

import org.jspecify.annotations.NullMarked;
