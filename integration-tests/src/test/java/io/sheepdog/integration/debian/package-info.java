/**
 * The Debian package as {@code mvn package} leaves it, installed into a minimal Debian 12.
 *
 * <p>{@link io.sheepdog.integration.debian.DebianHost} is a machine of its own, whose files come
 * from the tar of {@code script/lib/debian-image.sh} and are gone when it is closed. It takes root.
 * One thread.
 */
@NullMarked
package io.sheepdog.integration.debian;

import org.jspecify.annotations.NullMarked;
