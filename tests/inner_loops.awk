# SPDX-License-Identifier: BSD-3-Clause
#
# inner_loops.awk: the innermost loops with `least` (8) packed fp32 FMAs or more in what `objdump -d
# --no-show-raw-insn` prints of one object, x86-64 or AArch64. Loops are found as control that comes back, by a jump or by
# going on: compilers enter loops in their middle, and lay out parts of them elsewhere.
#
# A line per loop: function, address, FMAs, instructions that load, instructions, operands on the stack, and how many of
# these are added to a register; separated by tabs. With -v listing=1 its instructions follow, each behind a tab, the jump
# back to the label `head`.

# Instructions from `first` on that were not seen yet, depth first: seen[] is 1 while what follows is being looked at, 2
# after that. A step to where one is 1 closes a loop: from tail[] to head[], `closed` of them.
function search(first,    top, stack, i, to) {
    stack[top = 1] = first; seen[first] = 1
    while (top) {
        i = stack[top]
        to = 0
        if (tried[i] == 0) { if (i < n && !(i in leaves)) to = i + 1 }
        else if (tried[i] == 1) { if (i in target) to = target[i] }
        else { seen[i] = 2; top--; continue }
        tried[i]++
        if (!to) continue
        if (!(to in seen)) { seen[to] = 1; stack[++top] = to }
        else if (seen[to] == 1) { tail[++closed] = i; head[closed] = to }
    }
}

# Marks in body[] what leads to tail without passing head.
function trace(head, tail,    i, k, top, stack) {
    delete body
    body[tail] = 1; body[head] = 1
    stack[top = 1] = tail
    while (top) {
        i = stack[top--]
        if (i == head) continue
        if (i > 1 && !((i - 1) in leaves) && !((i - 1) in body)) { body[i - 1] = 1; stack[++top] = i - 1 }
        for (k = 1; k <= arrivals[i]; k++)
            if (!(arrival[i, k] in body)) { body[arrival[i, k]] = 1; stack[++top] = arrival[i, k] }
    }
}

function is_fma(line) {
    return arm ? line ~ /\tfml[as]\t.*\.4s/ : line ~ /vfn?m(add|sub)[0-9]*ps/
}

function is_load(line) {
    if (arm) return line ~ /\tld[a-z0-9]*\t/
    return line ~ /\(/ && line !~ /prefetch|lea |nop/ && line !~ /,[^,()]*\([^()]*\)$/
}

# Where a function has set up a frame pointer, that is the stack too; else the register is like any other. An index
# makes it a look-up in an array of the function's own, such as a list of offsets: one of vectors should have been in
# registers, others are as meant.
function on_stack(line) {
    if (arm) return line ~ /\[sp/ || (framed && line ~ /\[x29/)
    if (line ~ /\(%r[sb]p,/ && (line !~ /ps\t/ || line ~ /broadcast/)) return 0
    return line ~ /\(%rsp/ || (framed && line ~ /\(%rbp/)
}

function is_addend(line) {
    return on_stack(line) && line ~ /\tadd +[^,]*\(%r[sb]p\),%r/
}

function report(head,    i, fma, loads, spills, addends, size) {
    for (i in body) {
        fma += is_fma(text[i]); loads += is_load(text[i]); spills += on_stack(text[i]); addends += is_addend(text[i])
        size++
    }
    if (fma < least) return
    printf "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", name, start[head], fma, loads, size, spills, addends
    for (i = 1; listing && i <= n; i++) if (i in body) print "\t" instruction(i, head)
}

function instruction(i, head,    line) {
    line = text[i]
    sub(/^ *[0-9a-f]+:[ \t]*/, "", line)
    sub(/ <[^>]*>$/, "", line)
    if (i in target) sub(/[0-9a-f]+$/, target[i] == head ? "head" : "elsewhere", line)
    return line
}

# A loop is innermost if no other one is closed in it.
function finish(    i, j, inner) {
    closed = 0
    for (i = 1; i <= n; i++) if (!(i in seen)) search(i)
    for (i = 1; i <= closed; i++) {
        trace(head[i], tail[i])
        inner = 1
        for (j = 1; j <= closed; j++) if (head[j] != head[i] && (head[j] in body) && (tail[j] in body)) inner = 0
        if (inner) report(head[i])
    }
    n = framed = 0
    delete at; delete target; delete leaves; delete arrivals; delete arrival; delete seen; delete tried
}

# Jumps are resolved when the whole function is known.
function resolve(    i, to) {
    for (i = 1; i <= n; i++) if ((i in goes) && (goes[i] in at)) {
        to = target[i] = at[goes[i]]
        arrival[to, ++arrivals[to]] = i
    }
    delete goes
}

BEGIN { if (!least) least = 8; comment = "#.*"; jump = "^j"; leave = "^(jmp|ret|ud2)" }
/file format .*aarch64/ {
    arm = 1
    comment = "//.*"
    jump = "^(b|b[.].*|cbn?z|tbn?z)$"
    leave = "^(b|br|ret|udf|brk)$"
}
/ <.*>:$/ { resolve(); finish(); name = $2; gsub(/[<>:]/, "", name); next }
$1 ~ /^[0-9a-f]+:$/ {
    n++
    start[n] = $1; sub(/:/, "", start[n])
    at[start[n]] = n
    text[n] = $0
    sub(comment, "", text[n]); sub(/[ \t]+$/, "", text[n])
    if (/mov +%rsp,%rbp/ || /mov\tx29, sp/) framed = 1
    if ($2 ~ jump && match(text[n], /[0-9a-f]+ <[^>]*>$/)) {
        goes[n] = substr(text[n], RSTART)
        sub(/ .*/, "", goes[n])
    }
    if ($2 ~ leave) leaves[n] = 1
}
END { resolve(); finish() }
