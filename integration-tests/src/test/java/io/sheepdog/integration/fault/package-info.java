/**
 * What a client notices of a fault, and how long it takes until everything has all its copies
 * again: the integration tests that inflict faults note it here, and {@code script/faults} prints
 * the table.
 */
@NullMarked
package io.sheepdog.integration.fault;

import org.jspecify.annotations.NullMarked;
