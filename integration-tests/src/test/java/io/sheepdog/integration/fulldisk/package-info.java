/**
 * Disks without room (promise P7): clients get an error that says so, nothing hangs, and deleting
 * frees the space.
 *
 * <p>Start at {@link io.sheepdog.integration.fulldisk.FullDiskIT}. One thread.
 */
@NullMarked
package io.sheepdog.integration.fulldisk;

import org.jspecify.annotations.NullMarked;
