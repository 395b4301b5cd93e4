/**
 * The admin tool: one program, called {@code collie} (the tables of the guide of May 2010) or
 * {@code dog} (those of version 1.0). Start at {@link io.sheepdog.cli.Collie}; {@link
 * io.sheepdog.cli.CommandTable} names every command. Only the model of the one subcommand that was
 * called is built, because start-up time is what users notice.
 *
 * <p>Data goes to standard output, everything else to standard error. One thread, blocking calls.
 */
@NullMarked
package io.sheepdog.cli;

import org.jspecify.annotations.NullMarked;
