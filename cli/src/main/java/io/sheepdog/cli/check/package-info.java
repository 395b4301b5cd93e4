/**
 * {@code vdi check} and {@code cluster check}: whether all copies are there and the same. Start at
 * {@link io.sheepdog.cli.check.CopyChecks}, which has the daemons compare and repair; this tool
 * only tells them which objects. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.check;

import org.jspecify.annotations.NullMarked;
