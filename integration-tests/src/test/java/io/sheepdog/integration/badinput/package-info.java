/**
 * Mistakes of users, broken clients and hostile ones (promise P7): each gets an answer that says
 * what is wrong, nothing changes, and the daemon goes on.
 *
 * <p>Start at {@link io.sheepdog.integration.badinput.BadInputIT} for commands and at {@link
 * io.sheepdog.integration.badinput.BadFramesIT} for the wire; {@link
 * io.sheepdog.integration.badinput.Unharmed} checks what must hold after each. One thread.
 */
@NullMarked
package io.sheepdog.integration.badinput;

import org.jspecify.annotations.NullMarked;
