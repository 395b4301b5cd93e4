/**
 * {@code vdi df}: who uses how much, and what a deletion would give back. Start at {@link
 * io.sheepdog.cli.space.SpaceSurvey}. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.space;

import org.jspecify.annotations.NullMarked;
