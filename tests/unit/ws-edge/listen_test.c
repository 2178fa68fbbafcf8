/* listen_test.c - which endpoints there are, and whose file a Unix socket may replace. */
#include "ws-edge/listen.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static const listen_options_t s_options = {.unix_mode = 0600};

typedef struct world {
    char folder[SCRATCH_PATH_SIZE];
    char path[SCRATCH_PATH_SIZE + 16];
    char endpoint[SCRATCH_PATH_SIZE + 32];
} world_t;

static int s_setup(void **state)
{
    static world_t world;
    scratch_make(world.folder);
    snprintf(world.path, sizeof world.path, "%s/http", world.folder);
    snprintf(world.endpoint, sizeof world.endpoint, "unix:%s", world.path);
    *state = &world;
    return 0;
}

static int s_teardown(void **state)
{
    world_t *world = *state;
    scratch_remove(world->folder);
    return 0;
}

static listening_t s_open(const char *endpoint, const listen_options_t *options)
{
    listening_t listening;
    const char *fault = NULL;
    if (listen_open(endpoint, options, &listening, &fault) != ERR_OK)
        fail_msg("%s: %s", endpoint, fault);
    return listening;
}

static void s_assert_fault(const char *endpoint, err_t err, const char *expected)
{
    listening_t listening;
    const char *fault = NULL;
    assert_int_equal(listen_open(endpoint, &s_options, &listening, &fault), err);
    assert_non_null(strstr(fault, expected));
}

static int s_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void test_a_unix_socket_has_its_mode_and_goes_at_the_end(void **state)
{
    const world_t *world = *state;
    struct stat file;
    listening_t listening = s_open(world->endpoint, &s_options);
    assert_int_equal(stat(world->path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(listening.port, 0);
    int fd = s_connect(world->path);
    assert_true(fd >= 0);
    close(fd);
    listen_close(&listening);
    assert_int_equal(access(world->path, F_OK), -1);
}

static void test_a_leftover_is_replaced(void **state)
{
    const world_t *world = *state;
    listening_t killed = s_open(world->endpoint, &s_options);
    close(killed.fds[0]);
    listening_t next = s_open(world->endpoint, &s_options);
    killed.count = 0;
    listen_close(&killed); /* another listens there by now */
    int fd = s_connect(world->path);
    assert_true(fd >= 0);
    close(fd);
    listen_close(&next);
}

static void test_a_socket_in_use_and_other_files_are_not(void **state)
{
    const world_t *world = *state;
    listening_t listening = s_open(world->endpoint, &s_options);
    s_assert_fault(world->endpoint, ERR_UNAVAILABLE, "Address already in use");
    listen_close(&listening);
    close(open(world->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    s_assert_fault(world->endpoint, ERR_UNAVAILABLE, "File exists");
    assert_int_equal(access(world->path, F_OK), 0);
}

static void test_a_path_has_a_length(void **state)
{
    char endpoint[256];
    (void)state;
    s_assert_fault("unix:", ERR_INVALID, "107");
    snprintf(endpoint, sizeof endpoint, "unix:%0108d", 0);
    s_assert_fault(endpoint, ERR_INVALID, "107");
    s_assert_fault("unix:no-such-folder/http", ERR_UNAVAILABLE, "No such file");
}

static void test_what_is_no_endpoint_is_refused(void **state)
{
    (void)state;
    s_assert_fault("nonsense", ERR_INVALID, "HOST:PORT");
    s_assert_fault("127.0.0.1:", ERR_INVALID, "HOST:PORT");
    s_assert_fault("proxy:", ERR_INVALID, "HOST:PORT");
    s_assert_fault("127.0.0.1:http-or-so", ERR_INVALID, "");
}

static void test_a_port_is_shared_by_those_who_want_to(void **state)
{
    char endpoint[32];
    listen_options_t shared = {.reuse_port = true};
    listening_t first = s_open("127.0.0.1:0", &shared);
    (void)state;
    snprintf(endpoint, sizeof endpoint, "127.0.0.1:%d", first.port);
    listening_t second = s_open(endpoint, &shared);
    assert_int_equal(second.port, first.port);
    s_assert_fault(endpoint, ERR_UNAVAILABLE, "Address already in use");
    listen_close(&first);
    listen_close(&second);
}

static void test_a_proxy_may_stand_before_each(void **state)
{
    listening_t listening = s_open("proxy:127.0.0.1:0", &s_options);
    (void)state;
    assert_true(listening.proxied);
    listen_close(&listening);
    listening = s_open("127.0.0.1:0", &s_options);
    assert_false(listening.proxied);
    listen_close(&listening);
}

static void test_which_endpoints_are_of_this_machine(void **state)
{
    (void)state;
    assert_true(listen_is_local("127.0.0.1:80"));
    assert_true(listen_is_local("proxy:[::1]:80"));
    assert_true(listen_is_local("unix:/run/kith"));
    assert_true(listen_is_local("localhost:80"));
    assert_false(listen_is_local("0.0.0.0:80"));
    assert_false(listen_is_local("proxy:0.0.0.0:80"));
    assert_false(listen_is_local("[::]:80"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s_setup, s_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_unix_socket_has_its_mode_and_goes_at_the_end),
        TEST(test_a_leftover_is_replaced),
        TEST(test_a_socket_in_use_and_other_files_are_not),
        cmocka_unit_test(test_a_path_has_a_length),
        cmocka_unit_test(test_what_is_no_endpoint_is_refused),
        cmocka_unit_test(test_a_port_is_shared_by_those_who_want_to),
        cmocka_unit_test(test_a_proxy_may_stand_before_each),
        cmocka_unit_test(test_which_endpoints_are_of_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
