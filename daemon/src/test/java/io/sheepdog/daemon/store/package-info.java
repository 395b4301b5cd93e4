/**
 * Tests of the file store: contract suites, crash order, real file systems that are full or lack
 * xattrs.
 */
@NullMarked
package io.sheepdog.daemon.store;

import org.jspecify.annotations.NullMarked;
