# bash completion for havainto, made by `havainto completion bash`
_havainto() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'listen show why trace diff graph observers facts counters channels status coverage selfcheck version help completion manager ask run update-data enroll ' -- "$word"))
		return
	fi
	case $before in
	-i | --interface) COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$word")); return ;;
	--task) COMPREPLY=($(compgen -W "$(havainto observers 2>/dev/null | sed '1d;s/ .*//')" -- "$word")); return ;;
	--privacy) COMPREPLY=($(compgen -W 'plain hashed' -- "$word")); return ;;
	--as) COMPREPLY=($(compgen -W 'ocsf ecs netbox-devices netbox-interfaces netbox-addresses' -- "$word")); return ;;
	esac
	case ${COMP_WORDS[1]} in
	listen) options='--read --interface --filter --output --tap --keep --live --interval --full-every --sensor --workers --task --privacy --user --state --spool --data --status --config --ring --no-promiscuous --libpcap --no-shed --fixed-key --flow-memory --stream-memory --fragment-memory --novelty-memory --evidence-memory --value-memory --max-devices --max-addresses --max-places --max-facts --max-far --help ' ;;
	show) options='--json --csv --facts --help ' ;;
	why) options='--data --help ' ;;
	trace) options='--read --filter --frame --help ' ;;
	diff) options='--help ' ;;
	graph) options='--read --interface --filter --workers --task --fixed-key --flow-memory --stream-memory --fragment-memory --novelty-memory --value-memory --max-devices --max-addresses --max-places --max-facts --max-far --dot --help ' ;;
	observers) options='--json --markdown --help ' ;;
	facts) options='--markdown --help ' ;;
	counters) options='--markdown --help ' ;;
	channels) options='--markdown --help ' ;;
	status) options='--status --json --help ' ;;
	coverage) options='--filter --user --status --json --help ' ;;
	selfcheck) options='--interface --output --user --help ' ;;
	version) options='--help ' ;;
	help) options='--help ' ;;
	completion) options='--help ' ;;
	man) options='--help ' ;;
	manager) options='--user --state --listen --socket --sensors --max-per-sensor --retain --name --help ' ;;
	ask) options='--state --json --csv --count --as --help ' ;;
	run) options='--read --interface --filter --live --interval --full-every --sensor --workers --task --privacy --user --state --ring --no-promiscuous --libpcap --no-shed --fixed-key --flow-memory --stream-memory --fragment-memory --novelty-memory --value-memory --max-devices --max-addresses --max-places --max-facts --max-far --listen --retain --help ' ;;
	update-data) options='--data --help ' ;;
	enroll) options='--sensor --state --manager --help ' ;;
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
	*) COMPREPLY=($(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _havainto havainto
