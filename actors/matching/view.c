#include "actors/matching/view.h"

#include "actors/matching/date.h"
#include "actors/matching/fame.h"

/* What is known of a person beside their own words. */
static err_t s_fill(turn_t *turn, uint64_t account, const person_row_t *person,
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

err_t view_answer_own(turn_t *turn, uint64_t account)
{
    const person_row_t *person;
    standing_row_t standing;
    profile_t profile;
    err_t err = rows_person(turn, account, &person);
    if (err == ERR_OK)
        err = rows_standing(turn, account, &standing);
    if (err == ERR_OK)
        err = s_fill(turn, account, person, &standing, &profile);
    if (err == ERR_OK)
        turn_answer(turn, &profile);
    return err;
}

static bool s_is_staff(const person_row_t *person)
{
    return person->role == role_MODERATOR || person->role == role_ADMIN ||
           person->role == role_SYSTEM;
}

err_t view_open(turn_t *turn, const call_t *call, view_t *ret_view)
{
    const person_row_t *person;
    standing_row_t standing;
    view_t view = {.turn = turn, .call = call, .staff = call->principal == 0};
    err_t err = rows_standing(turn, call->principal, &standing);
    if (err == ERR_OK && !view.staff) {
        err = rows_person(turn, call->principal, &person);
        view.staff = err == ERR_OK && s_is_staff(person);
    }
    view.spot = spot_of(standing.lat, standing.lon);
    *ret_view = view;
    return err;
}

static void s_veil(const view_t *view, const standing_row_t *standing, profile_t *profile)
{
    spot_t spot = spot_veiled(standing->lat, standing->lon);
    profile->birth = (slice_t){0};
    profile->lat = 0;
    profile->lon = 0;
    profile->hidden = false;
    if (spot_known(spot) && spot_known(view->spot))
        profile->distance = spot_km(view->spot, spot);
}

err_t view_profile(const view_t *view, uint64_t account, profile_t *ret_profile)
{
    meeting_t meeting;
    err_t err = meeting_find(view->turn, view->call, account, &meeting);
    if (err == ERR_OK && !view->staff)
        err = meeting_check(view->turn, &meeting);
    if (err == ERR_OK)
        err = s_fill(view->turn, account, meeting.person, &meeting.standing, ret_profile);
    if (err != ERR_OK)
        return err;
    relation_t *relation = arena_new_of(turn_arena(view->turn), relation_t);
    *relation = meeting_relation(&meeting);
    ret_profile->relation = relation;
    s_veil(view, &meeting.standing, ret_profile);
    return ERR_OK;
}
