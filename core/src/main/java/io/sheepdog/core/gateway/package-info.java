/**
 * Client object I/O: which replicas, in which epoch, in which order, with which promise. Start at
 * {@link io.sheepdog.core.gateway.ObjectGateway}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.gateway;

import org.jspecify.annotations.NullMarked;
