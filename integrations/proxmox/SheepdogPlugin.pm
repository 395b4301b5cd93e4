package PVE::Storage::Custom::SheepdogPlugin;

# Disks of Proxmox VE's virtual machines on sheepdog: every node runs a sheep, QEMU attaches by its NBD server, and
# collie does the rest. Goes to /usr/share/perl5/PVE/Storage/Custom/ of every node; docs/attach.md says how to use it.
# A volume vm-100-disk-0 is the VDI of that name, and its snapshots are the VDI's.

use strict;
use warnings;

use JSON::PP ();
use PVE::Tools qw(run_command);

use base qw(PVE::Storage::Plugin);

# every node sees the same volumes, so machines migrate without copying
push @PVE::Storage::Plugin::SHARED_STORAGE, 'sheepdog';

# storage API: Proxmox VE 8 begins with 10; what later versions added up to 14 is either here or optional
my ($OLDEST_API, $NEWEST_API) = (10, 14);

# how clones of a template find what they are clones of
my $BASE_TAG = '__base__';

# seconds that QEMU waits for a sheep that is started again
my $RECONNECT = 60;

sub api {
    my $theirs = PVE::Storage::APIVER();
    return $theirs > $NEWEST_API ? $NEWEST_API : $theirs < $OLDEST_API ? $OLDEST_API : $theirs;
}

# Configuration

sub type {
    return 'sheepdog';
}

sub plugindata {
    return {
        content => [{ images => 1 }, { images => 1 }],
        format => [{ raw => 1 }, 'raw'],
    };
}

sub properties {
    return {
        'sheepdog-port' => {
            description => "Port of the sheep on each node (its option -p).",
            type => 'integer', minimum => 1, maximum => 65535, default => 7000,
        },
        'sheepdog-nbd-port' => {
            description => "Port of its NBD server (its option --nbd).",
            type => 'integer', minimum => 1, maximum => 65535, default => 10809,
        },
        'sheepdog-copies' => {
            description => "Copies of new disks; the default is the cluster's.",
            type => 'integer', minimum => 1, maximum => 31,
        },
    };
}

sub options {
    return {
        nodes => { optional => 1 },
        disable => { optional => 1 },
        content => { optional => 1 },
        bwlimit => { optional => 1 },
        shared => { optional => 1 },
        'sheepdog-port' => { optional => 1 },
        'sheepdog-nbd-port' => { optional => 1 },
        'sheepdog-copies' => { optional => 1 },
    };
}

# collie

# Runs collie and returns what it printed; what it complained of is the message when it fails.
my sub collie {
    my ($scfg, @words) = @_;

    my ($out, $complaint) = ('', '');
    my $add = sub { ${ $_[0] } .= $_[1] . "\n" };
    eval {
        run_command(
            ['collie', @words, '-p', $scfg->{'sheepdog-port'} // 7000],
            outfunc => sub { $add->(\$out, @_) },
            errfunc => sub { $add->(\$complaint, @_) },
        );
    };
    if (my $err = $@) {
        die "collie $words[0] $words[1]: " . ($complaint || $err);
    }
    return $out;
}

my sub collie_json {
    my ($scfg, @words) = @_;

    my ($text) = collie($scfg, @words, '-o', 'json') =~ m/\A(.*)\z/s; # untaint
    return JSON::PP::decode_json($text);
}

# The generations of all VDIs, or of those with this name.
my sub vdis {
    my ($scfg, $name) = @_;

    my $all = collie_json($scfg, 'vdi', 'list');
    return [grep { !defined($name) || $_->{name} eq $name } @$all];
}

my sub working {
    my ($scfg, $name) = @_;

    my ($found) = grep { $_->{kind} ne 'snapshot' } @{ vdis($scfg, $name) };
    die "there is no VDI '$name'\n" if !$found;
    return $found;
}

# The template that a VDI is a clone of, undef if it is none: the first ancestor with another name.
my sub template_of {
    my ($vdi, $by_vid) = @_;

    my $ancestor = $by_vid->{ $vdi->{parent_vid} // '' };
    while ($ancestor && $ancestor->{name} eq $vdi->{name}) {
        $ancestor = $by_vid->{ $ancestor->{parent_vid} // '' };
    }
    return $ancestor && $ancestor->{name} =~ m/^base-/ ? $ancestor->{name} : undef;
}

# Names

sub parse_volname {
    my ($class, $volname) = @_;

    if ($volname =~ m!^(?:(base-(\d+)-[^/\s]+)/)?((vm|base)-(\d+)-[^/\s]+)$!) {
        return ('images', $3, $5, $1, $2, $4 eq 'base', 'raw');
    }
    die "unable to parse sheepdog volume name '$volname'\n";
}

sub path {
    my ($class, $scfg, $volname, $storeid, $snapname) = @_;

    my ($vtype, $name, $vmid) = $class->parse_volname($volname);
    $name .= "\@$snapname" if defined($snapname);
    my $port = $scfg->{'sheepdog-nbd-port'} // 10809;
    my $path = "nbd://127.0.0.1:$port/$name";
    return wantarray ? ($path, $vmid, $vtype) : $path;
}

sub filesystem_path {
    my ($class, $scfg, $volname, $snapname) = @_;

    return $class->path($scfg, $volname, undef, $snapname);
}

sub qemu_blockdev_options {
    my ($class, $scfg, $storeid, $volname, $machine_version, $options) = @_;

    my $name = ($class->parse_volname($volname))[1];
    $name .= "\@$options->{'snapshot-name'}" if defined($options->{'snapshot-name'});
    my $port = $scfg->{'sheepdog-nbd-port'} // 10809;
    return {
        driver => 'nbd',
        server => { type => 'inet', host => '127.0.0.1', port => "$port" },
        export => "$name",
        'reconnect-delay' => int($RECONNECT),
    };
}

# Volumes

sub find_free_diskname {
    my ($class, $storeid, $scfg, $vmid, $fmt, $add_fmt_suffix) = @_;

    my @names = map { $_->{name} } @{ vdis($scfg) };
    return PVE::Storage::Plugin::get_next_vm_diskname(\@names, $storeid, $vmid, undef, $scfg);
}

# $size is in KiB
sub alloc_image {
    my ($class, $storeid, $scfg, $vmid, $fmt, $name, $size) = @_;

    die "sheepdog stores raw disks only, not '$fmt'\n" if defined($fmt) && $fmt ne 'raw';
    die "illegal name '$name' - should be 'vm-$vmid-*'\n"
        if defined($name) && $name !~ m/^vm-\Q$vmid\E-/;
    $name //= $class->find_free_diskname($storeid, $scfg, $vmid);
    my $copies = $scfg->{'sheepdog-copies'};
    collie($scfg, 'vdi', 'create', (defined($copies) ? ('-c', $copies) : ()), $name, $size . 'K');
    return $name;
}

# The working VDI goes first: it is refused while a machine runs on it. Clones keep what they share.
sub free_image {
    my ($class, $storeid, $scfg, $volname, $isBase, $format) = @_;

    my $name = ($class->parse_volname($volname))[1];
    my @generations = sort { ($a->{kind} eq 'snapshot') <=> ($b->{kind} eq 'snapshot') }
        @{ vdis($scfg, $name) };
    die "there is no VDI '$name'\n" if !@generations;
    for my $generation (@generations) {
        my @which = $generation->{kind} eq 'snapshot' ? ('-s', $generation->{snapshot_id}) : ();
        collie($scfg, 'vdi', 'delete', @which, $name);
    }
    return undef;
}

sub list_images {
    my ($class, $storeid, $scfg, $vmid, $vollist, $cache) = @_;

    my $all = vdis($scfg);
    my %by_vid = map { $_->{vid} => $_ } @$all;
    my @images;
    for my $vdi (sort { $a->{name} cmp $b->{name} } grep { $_->{kind} ne 'snapshot' } @$all) {
        my ($owner) = $vdi->{name} =~ m/^(?:vm|base)-(\d+)-[^\/\s]+$/ or next;
        my $template = template_of($vdi, \%by_vid);
        my $volname = defined($template) ? "$template/$vdi->{name}" : $vdi->{name};
        my $volid = "$storeid:$volname";
        next if $vollist ? !grep { $_ eq $volid } @$vollist : defined($vmid) && $owner != $vmid;
        push @images, {
            volid => $volid,
            name => $vdi->{name},
            vmid => $owner,
            size => $vdi->{size},
            used => $vdi->{used},
            ctime => $vdi->{created},
            format => 'raw',
            parent => defined($template) ? "$template\@$BASE_TAG" : undef,
        };
    }
    return \@images;
}

sub volume_size_info {
    my ($class, $scfg, $storeid, $volname, $timeout) = @_;

    my $vdi = working($scfg, ($class->parse_volname($volname))[1]);
    return wantarray ? ($vdi->{size}, 'raw', $vdi->{used}, undef) : $vdi->{size};
}

sub volume_resize {
    my ($class, $scfg, $storeid, $volname, $size, $running, $snapname) = @_;

    die "a snapshot cannot be resized\n" if defined($snapname);
    die "QEMU learns the size of an NBD disk when it connects: shut the machine down, then resize\n"
        if $running;
    collie($scfg, 'vdi', 'resize', ($class->parse_volname($volname))[1], $size);
    return undef;
}

# Snapshots and templates

# Works under a running machine as well, which goes on in the new working VDI.
sub volume_snapshot {
    my ($class, $scfg, $storeid, $volname, $snap) = @_;

    collie($scfg, 'vdi', 'snapshot', '-s', $snap, ($class->parse_volname($volname))[1]);
    return undef;
}

# The name goes on from the snapshot, in one step; what was written since is given up.
sub volume_snapshot_rollback {
    my ($class, $scfg, $storeid, $volname, $snap) = @_;

    my $name = ($class->parse_volname($volname))[1];
    collie($scfg, 'vdi', 'rollback', '--no-safety-snapshot', '-f', '-s', $snap, $name);
    return undef;
}

sub volume_snapshot_delete {
    my ($class, $scfg, $storeid, $volname, $snap, $running) = @_;

    collie($scfg, 'vdi', 'delete', '-s', $snap, ($class->parse_volname($volname))[1]);
    return undef;
}

sub volume_snapshot_info {
    my ($class, $scfg, $storeid, $volname) = @_;

    my $name = ($class->parse_volname($volname))[1];
    return {
        map { $_->{tag} => { id => $_->{vid}, timestamp => $_->{snapshot_taken} } }
            grep { $_->{kind} eq 'snapshot' } @{ vdis($scfg, $name) },
    };
}

sub volume_qemu_snapshot_method {
    return 'storage';
}

# A template is a clone under the template's name, with the snapshot that its clones begin with.
sub create_base {
    my ($class, $storeid, $scfg, $volname) = @_;

    my ($vtype, $name, $vmid, $basename, $basevmid, $isBase) = $class->parse_volname($volname);
    die "create_base not possible with base image\n" if $isBase;
    my $template = $name =~ s/^vm-/base-/r;
    collie($scfg, 'vdi', 'snapshot', '-s', $BASE_TAG, $name);
    collie($scfg, 'vdi', 'clone', '-s', $BASE_TAG, $name, $template);
    collie($scfg, 'vdi', 'snapshot', '-s', $BASE_TAG, $template);
    $class->free_image($storeid, $scfg, $name, 0);
    return defined($basename) ? "$basename/$template" : $template;
}

sub clone_image {
    my ($class, $scfg, $storeid, $volname, $vmid, $snap) = @_;

    my ($vtype, $name, undef, undef, undef, $isBase) = $class->parse_volname($volname);
    die "'$volname' is no base image, and no snapshot of it is named\n" if !$isBase && !length($snap // '');
    my $clone = $class->find_free_diskname($storeid, $scfg, $vmid);
    collie($scfg, 'vdi', 'clone', '-s', length($snap // '') ? $snap : $BASE_TAG, $name, $clone);
    return $isBase ? "$name/$clone" : $clone;
}

sub volume_has_feature {
    my ($class, $scfg, $feature, $storeid, $volname, $snapname, $running, $opts) = @_;

    my $features = {
        snapshot => { current => 1, snap => 1 },
        clone => { base => 1, snap => 1 },
        template => { current => 1 },
        copy => { base => 1, current => 1, snap => 1 },
        sparseinit => { base => 1, current => 1 },
    };
    my $isBase = ($class->parse_volname($volname))[5];
    my $key = defined($snapname) ? 'snap' : $isBase ? 'base' : 'current';
    return $features->{$feature}->{$key} ? 1 : undef;
}

# The storage

# Numbers of all nodes together, divided by the copies that each byte takes.
sub status {
    my ($class, $storeid, $scfg, $cache) = @_;

    my $copies = $scfg->{'sheepdog-copies'} // collie_json($scfg, 'cluster', 'info')->{copies} // 1;
    my ($size, $free) = (0, 0);
    for my $node (@{ collie_json($scfg, 'node', 'info')->{nodes} }) {
        $size += $node->{size};
        $free += $node->{free};
    }
    return (map({ int($_ / $copies) } $size, $free, $size - $free), 1);
}

sub check_connection {
    my ($class, $storeid, $scfg) = @_;

    my $info = eval { collie_json($scfg, 'cluster', 'info') };
    return $info && $info->{status} eq 'running' ? 1 : 0;
}

sub activate_storage {
    my ($class, $storeid, $scfg, $cache) = @_;

    my $info = collie_json($scfg, 'cluster', 'info');
    die "the sheepdog cluster does not run: " . ($info->{reason} // $info->{status}) . "\n"
        if $info->{status} ne 'running';
    return 1;
}

sub deactivate_storage {
    return 1;
}

# Nothing is mapped: QEMU connects by itself.
sub activate_volume {
    my ($class, $storeid, $scfg, $volname, $snapname, $cache, $hints) = @_;

    working($scfg, ($class->parse_volname($volname))[1]);
    return 1;
}

sub deactivate_volume {
    return 1;
}

1;
