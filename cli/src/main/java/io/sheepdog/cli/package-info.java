/**
 * The admin tool {@code collie}, also called {@code dog}.
 *
 * <p>Start from {@link io.sheepdog.cli.Collie}.
 */
@NullMarked
package io.sheepdog.cli;

import org.jspecify.annotations.NullMarked;
