/**
 * Commands about virtual disk images. Start at {@link io.sheepdog.cli.vdi.VdiListCommand}. Used by
 * one thread.
 */
@NullMarked
package io.sheepdog.cli.vdi;

import org.jspecify.annotations.NullMarked;
