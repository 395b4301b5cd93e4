/**
 * Commands that move the contents of images: {@code vdi export}, {@code import}, {@code backup},
 * {@code restore}; and what others need to fill a new image.
 *
 * <p>{@link io.sheepdog.cli.copy.ImageData} says what of an image is data, {@link
 * io.sheepdog.cli.copy.ImageFiller} writes a new one, {@link io.sheepdog.cli.copy.Unfinished}
 * removes it again when that does not come to its end. Used by one thread, but for the hook of
 * {@code Unfinished}.
 */
@NullMarked
package io.sheepdog.cli.copy;

import org.jspecify.annotations.NullMarked;
