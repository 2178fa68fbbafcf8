#include "actors/matching/sight.h"

#include "actors/matching/date.h"
#include "actors/matching/fame.h"

/* What is known of a person beside their own words. */
static err_t s_fill(turn_t *turn, uint64_t account, const person_t *person,
                    const standing_row_t *standing, profile_t *profile)
{
    const profile_t *kept;
    err_t err = rows_profile(turn, account, &kept);
    *profile = (profile_t){.account = account};
    if (err == ERR_OK)
        *profile = *kept;
    else if (err != ERR_NOT_FOUND)
        return err;
    profile->login = person->login;
    profile->username = person->username;
    profile->fame = fame_of(standing);
    profile->likes = standing->likes;
    profile->visits = standing->visits;
    if (standing->born != 0)
        profile->age = date_age(standing->born, date_of_time(turn_now(turn)));
    return ERR_OK;
}

err_t sight_own(turn_t *turn, uint64_t account, profile_t *ret_profile)
{
    const person_t *person;
    standing_row_t standing;
    err_t err = person_get(turn, account, &person);
    if (err == ERR_OK)
        err = rows_standing(turn, account, &standing);
    return err == ERR_OK ? s_fill(turn, account, person, &standing, ret_profile) : err;
}

err_t sight_answer_own(turn_t *turn, uint64_t account)
{
    profile_t profile;
    err_t err = sight_own(turn, account, &profile);
    if (err == ERR_OK)
        turn_answer(turn, &profile);
    return err;
}

static bool s_is_staff(const person_t *person)
{
    return person->role == role_MODERATOR || person->role == role_ADMIN ||
           person->role == role_SYSTEM;
}

err_t sight_open(turn_t *turn, const call_t *call, sight_t *ret_sight)
{
    const person_t *person;
    standing_row_t standing;
    sight_t sight = {.turn = turn, .call = call, .staff = call->principal == 0};
    err_t err = rows_standing(turn, call->principal, &standing);
    if (err == ERR_OK && !sight.staff) {
        err = person_get(turn, call->principal, &person);
        sight.staff = err == ERR_OK && s_is_staff(person);
    }
    sight.spot = spot_of(standing.lat, standing.lon);
    *ret_sight = sight;
    return err;
}

static void s_veil(const sight_t *sight, const standing_row_t *standing, profile_t *profile)
{
    spot_t spot = spot_veiled(standing->lat, standing->lon);
    profile->birth = (slice_t){0};
    profile->lat = 0;
    profile->lon = 0;
    profile->hidden = false;
    if (spot_known(spot) && spot_known(sight->spot))
        profile->distance = spot_km(sight->spot, spot);
}

err_t sight_profile(const sight_t *sight, uint64_t account, profile_t *ret_profile)
{
    meeting_t meeting;
    err_t err = meeting_find(sight->turn, sight->call, account, &meeting);
    if (err == ERR_OK && !sight->staff)
        err = meeting_check(sight->turn, &meeting);
    if (err == ERR_OK)
        err = s_fill(sight->turn, account, meeting.person, &meeting.standing, ret_profile);
    if (err != ERR_OK)
        return err;
    relation_t *relation = arena_new_of(turn_arena(sight->turn), relation_t);
    *relation = meeting_relation(&meeting);
    ret_profile->relation = relation;
    s_veil(sight, &meeting.standing, ret_profile);
    return ERR_OK;
}
