/** Tests of the local driver: the contract suite in one process, and processes that are killed. */
@NullMarked
package io.sheepdog.daemon.local;

import org.jspecify.annotations.NullMarked;
