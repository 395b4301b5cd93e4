/**
 * The process {@code sheep} as an operator sees it: what starting prints and returns, and how it
 * ends. Start from {@link io.sheepdog.integration.daemon.SheepProcessIT}.
 */
@NullMarked
package io.sheepdog.integration.daemon;

import org.jspecify.annotations.NullMarked;
