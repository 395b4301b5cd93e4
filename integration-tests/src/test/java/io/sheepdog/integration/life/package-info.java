/**
 * The life of an image with {@code collie} and {@code dog} at real daemons, and the commands about
 * nodes. Start at {@link io.sheepdog.integration.life.VdiCommandsIT}.
 */
@NullMarked
package io.sheepdog.integration.life;

import org.jspecify.annotations.NullMarked;
