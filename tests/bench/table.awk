# table.awk - results of kith-bench and of rest/run, one JSON object a line, to Markdown.
#
# Every figure is the median over the runs; a ratio is the median of the ratios
# to another peer in the same run, and each of `bases` that was measured has a column.  Faults are summed over all runs.

function text_of(name) {
    return match($0, "\"" name "\":\"[^\"]*\"") \
        ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : ""
}

function number_of(name) {
    return match($0, "\"" name "\":[-0-9.]+") \
        ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0 : ""
}

BEGIN {
    split("deliveries_per_cpu_s deliveries_per_s messages_per_s acks_per_s acks_per_cpu_s p50_us " \
          "p99_us max_us seconds server_cpu_s bench_cpu_s resident_bytes bytes_per_connection " \
          "connections_per_s connections_per_cpu_s requests_per_s requests_per_cpu_s", figures)
    split("nats limit socketio kith edges-1 nginx node", bases)
    split("NATS,limit,Socket.IO,Kith,1 edge,nginx,Node", base_names, ",")
    split("lost late duplicated stray refused stalled closed", faults)
}

# key: one workload on one peer.
{
    workload = text_of("workload") ": " text_of("what"); peer = text_of("peer")
    key = workload SUBSEP peer
    if (!(workload in workload_known)) {
        workload_known[workload] = 1
        workloads[++workload_count] = workload
    }
    if (text_of("workload") == "durable-raw")
        synced = key
    if (!(peer in peer_known)) {
        peer_known[peer] = 1
        peers[++peer_count] = peer
    }
    run = ++runs[key]
    for (i in figures)
        value[key, figures[i], run] = number_of(figures[i])
    for (i in faults)
        fault[key, faults[i]] += number_of(faults[i])
}

function median_of(list, count,    i, j, swap) {
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
            swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
        }
    i = int((count + 1) / 2)
    return count % 2 ? list[i] : (list[i] + list[i + 1]) / 2
}

function median(key, figure,    i, list) {
    for (i = 1; i <= runs[key]; i++)
        list[i] = value[key, figure, i]
    return median_of(list, runs[key])
}

# base: of another workload and peer.
function ratio_to(base, workload, peer, figure,    i, list, count, ours, theirs) {
    if (!(base in runs)) # looking at it would make it
        return "–"
    for (i = 1; i <= runs[workload, peer] && i <= runs[base]; i++) {
        ours = value[workload, peer, figure, i]
        theirs = value[base, figure, i]
        if (theirs > 0)
            list[++count] = ours / theirs
    }
    return count ? sprintf("%.2f", median_of(list, count)) : "–"
}

function ratios(workload, peer, figure,    i, columns) {
    for (i = 1; i in bases; i++)
        if (bases[i] in peer_known)
            columns = columns ratio_to(workload SUBSEP bases[i], workload, peer, figure) " | "
    return columns
}

function ratio_heads(    i, columns) {
    for (i = 1; i in bases; i++)
        if (bases[i] in peer_known)
            columns = columns "× " base_names[i] " | "
    return columns
}

function count_text(n) {
    return n >= 1e6 ? sprintf("%.2fM", n / 1e6) : n >= 1e4 ? sprintf("%.0fk", n / 1e3) : \
           n >= 1e3 ? sprintf("%.1fk", n / 1e3) : sprintf("%.0f", n)
}

function time_text(us) {
    return us >= 1e4 ? sprintf("%.0f ms", us / 1e3) : us >= 1e3 ? sprintf("%.1f ms", us / 1e3) : \
           sprintf("%.0f µs", us)
}

function bytes_text(n) {
    return n >= 1048576 ? sprintf("%.0f MiB", n / 1048576) : sprintf("%.1f KiB", n / 1024)
}

function faults_text(key,    i, words) {
    for (i = 1; i in faults; i++)
        if (fault[key, faults[i]])
            words = words (words ? ", " : "") faults[i] " " count_text(fault[key, faults[i]])
    return words ? words : "none"
}

function share_text(key, figure) {
    return sprintf("%.0f %%", 100 * median(key, figure) / median(key, "seconds"))
}

function row_traffic(workload, peer, key) {
    return count_text(median(key, "deliveries_per_cpu_s")) " | " \
        ratios(workload, peer, "deliveries_per_cpu_s") \
        count_text(median(key, "messages_per_s")) " | " \
        count_text(median(key, "deliveries_per_s")) " | " \
        time_text(median(key, "p50_us")) " | " time_text(median(key, "p99_us")) " | " \
        time_text(median(key, "max_us")) " | " share_text(key, "server_cpu_s") " | " \
        share_text(key, "bench_cpu_s") " | " bytes_text(median(key, "resident_bytes")) " | " \
        faults_text(key)
}

function row_durable(workload, peer, key) {
    return count_text(median(key, "acks_per_s")) " | " \
        ratio_to(synced, workload, peer, "acks_per_s") " | " count_text(median(key, "acks_per_cpu_s")) \
        " | " time_text(median(key, "p50_us")) " | " time_text(median(key, "p99_us")) " | " \
        time_text(median(key, "max_us")) " | " share_text(key, "server_cpu_s") " | " \
        faults_text(key)
}

function row_idle(workload, peer, key) {
    return bytes_text(median(key, "bytes_per_connection")) " | " \
        ratios(workload, peer, "bytes_per_connection") \
        bytes_text(median(key, "resident_bytes")) " | " faults_text(key)
}

function row_connect(workload, peer, key) {
    return sprintf("%.2f s", median(key, "seconds")) " | " \
        count_text(median(key, "connections_per_s")) " | " \
        count_text(median(key, "connections_per_cpu_s")) " | " \
        ratios(workload, peer, "connections_per_cpu_s") faults_text(key)
}

function row_rest(workload, peer, key) {
    return count_text(median(key, "requests_per_cpu_s")) " | " \
        ratios(workload, peer, "requests_per_cpu_s") count_text(median(key, "requests_per_s")) " | " \
        time_text(median(key, "p50_us")) " | " time_text(median(key, "p99_us")) " | " \
        share_text(key, "server_cpu_s") " | " faults_text(key)
}

function row(kind, workload, peer) {
    if (kind == "rest") return row_rest(workload, peer, workload SUBSEP peer)
    if (kind == "durable") return row_durable(workload, peer, workload SUBSEP peer)
    if (kind == "idle") return row_idle(workload, peer, workload SUBSEP peer)
    if (kind == "connect") return row_connect(workload, peer, workload SUBSEP peer)
    return row_traffic(workload, peer, workload SUBSEP peer)
}

# A workload is of the kind that its name begins with, and otherwise traffic.
function kind_of(workload) {
    return match(workload, /^(durable|idle|connect|rest)/) ? substr(workload, 1, RLENGTH) : "traffic"
}

function table(kind, heading,    i, j, rule, begun) {
    rule = heading
    gsub(/[^|]+/, "---", rule)
    for (i = 1; i <= workload_count; i++) {
        if (kind_of(workloads[i]) != kind)
            continue
        if (!begun++)
            printf "| workload | peer | %s |\n|---|---|%s|\n", heading, rule
        for (j = 1; j <= peer_count; j++)
            if ((workloads[i], peers[j]) in runs)
                printf "| %s | %s | %s |\n", workloads[i], peers[j], \
                    row(kind, workloads[i], peers[j])
    }
    if (begun)
        print ""
}

END {
    table("traffic", "deliveries/CPU-s | " ratio_heads() "messages/s | deliveries/s | p50 | p99 | max | " \
          "server CPU | bench CPU | resident | faults")
    table("durable", "acks/s | × fdatasync | acks/CPU-s | p50 | p99 | max | server CPU | faults")
    table("idle", "resident a connection | " ratio_heads() "resident in all | faults")
    table("connect", "time | connections/s | connections/CPU-s | " ratio_heads() "faults")
    table("rest", "requests/CPU-s | " ratio_heads() "requests/s | p50 | p99 | server CPU | faults")
}
