/**
 * {@code vdi setattr} and {@code vdi getattr}: keys with values that belong to the name of an
 * image. Start at {@link io.sheepdog.cli.attribute.Attributes}. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.attribute;

import org.jspecify.annotations.NullMarked;
