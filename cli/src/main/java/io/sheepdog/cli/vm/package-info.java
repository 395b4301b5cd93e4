/**
 * Commands about virtual machines: {@link io.sheepdog.cli.vm.VmListCommand}. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.vm;

import org.jspecify.annotations.NullMarked;
