package PVE::Tools;

# run_command as plugins know it: a list that no shell sees, a function for each line of output and of complaints, and
# an exception when the command fails.

use strict;
use warnings;

use Exporter qw(import);
use File::Temp ();
use POSIX ();

our @EXPORT_OK = qw(run_command);

sub run_command {
    my ($command, %options) = @_;

    my ($out, $err) = (File::Temp->new(), File::Temp->new());
    my $child = fork() // die "fork: $!\n";
    if (!$child) {
        open(STDIN, '<', '/dev/null') && open(STDOUT, '>&', $out) && open(STDERR, '>&', $err)
            and exec { $command->[0] } @$command;
        POSIX::_exit(127);
    }
    waitpid($child, 0);
    my $status = $?;
    for my $stream ([$out, $options{outfunc}], [$err, $options{errfunc}]) {
        my ($file, $function) = @$stream;
        seek($file, 0, 0);
        while (defined(my $line = <$file>)) {
            chomp($line);
            $function->($line) if $function;
        }
    }
    die "command '@$command' failed: exit code " . ($status >> 8) . "\n" if $status;
    return 0;
}

1;
