#!/usr/bin/perl -T
# The storage plugin, as Proxmox VE calls it, on a running cluster: SheepdogPlugin.pm is real, so are collie, sheep and
# QEMU; PVE's own modules are those of t/lib.
#
#   perl -T -I t/lib t/plugin.t PATH     (PATH: where collie and qemu-io are)
#
# The cluster listens on port 7000, its NBD server on 10809; vm-100-* to vm-102-* are made and removed.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP ();
use Test::More;

use PVE::Storage;
use PVE::Storage::Plugin;

# as Proxmox VE's services do, which run with -T, too
($ENV{PATH}) = $ARGV[0] =~ m/^(.*)$/;
delete @ENV{qw(ENV BASH_ENV CDPATH IFS)};

my ($home) = dirname(dirname(abs_path(__FILE__))) =~ m/^(.*)$/;
require "$home/SheepdogPlugin.pm";

my $plugin = 'PVE::Storage::Custom::SheepdogPlugin';
my ($storeid, $scfg) = ('dogs', { type => 'sheepdog', content => { images => 1 } });

# QEMU at a volume; what it says when it fails, else nothing.
sub io {
    my ($options, @requests) = @_;

    my ($image) = $options =~ m/^(.*)$/;
    my @image = $image =~ m/^json:/ ? $image : ('-f', 'raw', $image);
    unshift @image, '-r' if $image =~ m/\@/; # a snapshot
    my $said = '';
    open(my $qemu, '-|', 'qemu-io', (map { ('-c', $_) } @requests), @image) or die "qemu-io: $!";
    $said .= $_ while <$qemu>;
    return close($qemu) && $said !~ /failed/ ? '' : "qemu-io $image: $said";
}

sub path_of {
    my ($volname, $snapname) = @_;

    my ($path) = $plugin->path($scfg, $volname, $storeid, $snapname);
    return $path;
}

sub complaint {
    my ($action) = @_;

    return eval { $action->(); 1 } ? '' : $@;
}

sub volids {
    my (@more) = @_;

    return [map { $_->{volid} } @{ $plugin->list_images($storeid, $scfg, @more) }];
}

subtest 'Proxmox VE loads it' => sub {
    ok($plugin->isa('PVE::Storage::Plugin'), 'it is a storage plugin');
    for my $case ([10, 10], [13, 13], [14, 14], [99, 14], [9, 10]) {
        local $PVE::Storage::version = $case->[0];
        is($plugin->api(), $case->[1], "version it speaks to storage API $case->[0]");
    }
    is($plugin->type(), 'sheepdog', 'type');
    ok(scalar(grep { $_ eq 'sheepdog' } @PVE::Storage::Plugin::SHARED_STORAGE), 'shared by all nodes');
    my $properties = $plugin->properties();
    for my $option (grep { m/^sheepdog-/ } keys %{ $plugin->options() }) {
        ok($properties->{$option}, "option $option is described");
    }
};

subtest 'the storage' => sub {
    ok($plugin->activate_storage($storeid, $scfg), 'activated');
    ok($plugin->check_connection($storeid, $scfg), 'online');
    my ($total, $free, $used, $active) = $plugin->status($storeid, $scfg);
    ok($total > 0 && $free > 0 && $active, 'space is known');
    is($total, $free + $used, 'total = free + used');
    my $nowhere = { %$scfg, 'sheepdog-port' => 6999 };
    like(complaint(sub { $plugin->activate_storage($storeid, $nowhere) }), qr/6999/, 'no daemon: says where');
    ok(!$plugin->check_connection($storeid, $nowhere), 'no daemon: offline');
};

subtest 'names' => sub {
    is_deeply(
        [$plugin->parse_volname('base-9-disk-0/vm-100-disk-1')],
        ['images', 'vm-100-disk-1', '100', 'base-9-disk-0', '9', '', 'raw'],
        'a clone of a template',
    );
    ok(($plugin->parse_volname('base-9-disk-0'))[5], 'a template');
    for my $bad ('disk', 'vm-x-disk-0', 'vm-100-disk 0', 'vm-1-a/vm-2-b', '../vm-1-disk-0') {
        like(complaint(sub { $plugin->parse_volname($bad) }), qr/unable to parse/, "'$bad' is none");
    }
};

my $disk;

subtest 'disks come and go' => sub {
    is_deeply(volids(), [], 'nothing at first');
    $disk = $plugin->alloc_image($storeid, $scfg, 100, 'raw', undef, 32 * 1024);
    is($disk, 'vm-100-disk-0', 'first free name');
    is($plugin->alloc_image($storeid, $scfg, 100, 'raw', undef, 4096), 'vm-100-disk-1', 'next free name');
    is($plugin->alloc_image($storeid, $scfg, 101, 'raw', 'vm-101-cloudinit', 4096), 'vm-101-cloudinit', 'given name');
    like(
        complaint(sub { $plugin->alloc_image($storeid, $scfg, 100, 'raw', 'vm-101-disk-0', 4096) }),
        qr/illegal name/, 'name of another machine',
    );
    like(complaint(sub { $plugin->alloc_image($storeid, $scfg, 100, 'qcow2', undef, 4096) }), qr/raw/, 'raw only');
    is_deeply(volids(), ['dogs:vm-100-disk-0', 'dogs:vm-100-disk-1', 'dogs:vm-101-cloudinit'], 'all');
    is_deeply(volids(101), ['dogs:vm-101-cloudinit'], 'of one machine');
    is_deeply(volids(undef, ['dogs:vm-100-disk-1']), ['dogs:vm-100-disk-1'], 'asked for by name');
    is($plugin->free_image($storeid, $scfg, 'vm-100-disk-1', 0), undef, 'freed');
    is_deeply(volids(100), ['dogs:vm-100-disk-0'], 'gone');
    like(complaint(sub { $plugin->free_image($storeid, $scfg, 'vm-100-disk-1', 0) }), qr/no VDI/, 'freed twice');
};

subtest 'QEMU uses a disk' => sub {
    ok($plugin->activate_volume($storeid, $scfg, $disk), 'activated');
    like(complaint(sub { $plugin->activate_volume($storeid, $scfg, 'vm-7-disk-0') }), qr/no VDI/, 'none of that name');
    is(io(path_of($disk), 'write -P 1 0 8M', 'read -P 0 8M 8M'), '', 'by its path');
    my $options = $plugin->qemu_blockdev_options($scfg, $storeid, $disk, undef, {});
    is(io('json:' . JSON::PP::encode_json({ driver => 'raw', file => $options }), 'read -P 1 0 8M'), '', 'as -blockdev');
    my ($size, $format, $used) = $plugin->volume_size_info($scfg, $storeid, $disk);
    is_deeply([$size, $format, $used], [32 << 20, 'raw', 8 << 20], 'size and use');
};

subtest 'it grows' => sub {
    like(complaint(sub { $plugin->volume_resize($scfg, $storeid, $disk, 40 << 20, 1) }), qr/shut/, 'not under a machine');
    is(scalar($plugin->volume_size_info($scfg, $storeid, $disk)), 32 << 20, 'as it was');
    $plugin->volume_resize($scfg, $storeid, $disk, 40 << 20, 0);
    is(scalar($plugin->volume_size_info($scfg, $storeid, $disk)), 40 << 20, 'grown');
    is(io(path_of($disk), 'write -P 5 39M 1M'), '', 'to its new end');
    like(complaint(sub { $plugin->volume_resize($scfg, $storeid, $disk, 4 << 20, 0) }), qr/hrink/, 'shrinking is refused');
};

subtest 'snapshots' => sub {
    $plugin->volume_snapshot($scfg, $storeid, $disk, 'noon');
    is(io(path_of($disk), 'write -P 2 0 8M'), '', 'the disk goes on');
    is(path_of($disk, 'noon'), 'nbd://127.0.0.1:10809/vm-100-disk-0@noon', 'path');
    is(io(path_of($disk, 'noon'), 'read -P 1 0 8M'), '', 'as it was');
    my $options = $plugin->qemu_blockdev_options($scfg, $storeid, $disk, undef, { 'snapshot-name' => 'noon' });
    is(io('json:' . JSON::PP::encode_json($options), 'read -P 1 0 8M'), '', 'as -blockdev, too');
    is_deeply([keys %{ $plugin->volume_snapshot_info($scfg, $storeid, $disk) }], ['noon'], 'listed');
    is_deeply(volids(100), ['dogs:vm-100-disk-0'], 'no volume of its own');
    $plugin->volume_snapshot_rollback($scfg, $storeid, $disk, 'noon');
    is(io(path_of($disk), 'read -P 1 0 8M', 'write -P 3 0 8M'), '', 'rolled back');
    $plugin->volume_snapshot_rollback($scfg, $storeid, $disk, 'noon');
    is(io(path_of($disk), 'read -P 1 0 8M'), '', 'and once more');
    like(complaint(sub { $plugin->volume_snapshot_rollback($scfg, $storeid, $disk, 'night') }), qr/snapshot tag: night/, 'to none');
    is(io(path_of($disk), 'read -P 1 0 8M'), '', 'which changes nothing');
    my $copy = $plugin->clone_image($scfg, $storeid, $disk, 102, 'noon');
    is($copy, 'vm-102-disk-0', 'a clone of a snapshot');
    is(io(path_of($copy), 'read -P 1 0 8M', 'write -P 4 0 1M'), '', 'has its data');
    $plugin->volume_snapshot_delete($scfg, $storeid, $disk, 'noon');
    is_deeply($plugin->volume_snapshot_info($scfg, $storeid, $disk), {}, 'deleted');
    is(io(path_of($disk), 'read -P 1 0 8M'), '', 'the disk stays');
    is(io(path_of($copy), 'read -P 4 0 1M', 'read -P 1 1M 7M'), '', 'so does the clone');
    $plugin->free_image($storeid, $scfg, $copy, 0);
};

subtest 'templates' => sub {
    my $template = $plugin->create_base($storeid, $scfg, $disk);
    is($template, 'base-100-disk-0', 'made');
    is_deeply(volids(100), ['dogs:base-100-disk-0'], 'in the place of the disk');
    like(complaint(sub { $plugin->create_base($storeid, $scfg, $template) }), qr/not possible/, 'only once');
    my $clone = $plugin->clone_image($scfg, $storeid, $template, 102, undef);
    is($clone, 'base-100-disk-0/vm-102-disk-0', 'a clone is named after it');
    is_deeply(volids(102), ["dogs:$clone"], 'and listed so');
    is(io(path_of($clone), 'read -P 1 0 8M', 'write -P 6 0 1M', 'read -P 1 1M 7M'), '', 'begins with its data');
    $plugin->volume_snapshot($scfg, $storeid, $clone, 'later');
    is_deeply(volids(102), ["dogs:$clone"], 'also after a snapshot');
    is(io(path_of($template), 'read -P 1 0 8M'), '', 'the template is as it was');
    $plugin->free_image($storeid, $scfg, $template, 1);
    is(io(path_of($clone), 'read -P 6 0 1M', 'read -P 1 1M 7M'), '', 'a clone outlives it');
    $plugin->free_image($storeid, $scfg, $clone, 0);
    $plugin->free_image($storeid, $scfg, 'vm-101-cloudinit', 0);
    is_deeply(volids(), [], 'nothing is left');
};

subtest 'features' => sub {
    my $has = sub { $plugin->volume_has_feature($scfg, $_[0], $storeid, @_[1 .. 2]) };
    is($has->('snapshot', 'vm-1-disk-0'), 1, 'snapshots');
    is($has->('clone', 'base-1-disk-0'), 1, 'clones of templates');
    is($has->('clone', 'vm-1-disk-0', 'noon'), 1, 'clones of snapshots');
    is($has->('clone', 'vm-1-disk-0'), undef, 'no linked clone of a disk');
    is($has->('replicate', 'vm-1-disk-0'), undef, 'no replication: it is shared');
    is($plugin->volume_qemu_snapshot_method($storeid, $scfg, 'vm-1-disk-0'), 'storage', 'snapshots are the storage\'s');
};

done_testing();
