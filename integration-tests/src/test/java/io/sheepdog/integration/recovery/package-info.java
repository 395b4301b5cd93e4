/**
 * Background recovery with real daemons: start at {@link
 * io.sheepdog.integration.recovery.RecoveryIT}. Called from one test thread.
 */
@NullMarked
package io.sheepdog.integration.recovery;

import org.jspecify.annotations.NullMarked;
