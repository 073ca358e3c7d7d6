# What zsh offers for a command line, a word a line.  Its arguments are the
# directory of the completion, a file that keeps what zsh finds out about all
# completions, and the line.  At a terminal of its own all that is offered is
# inserted.
zmodload zsh/zpty
typeset out

cat >.zshrc <<END
PROMPT= RPROMPT= fpath=(${(q)1} \$fpath)
autoload -U compinit && compinit -u -C -d ${(q)2}
zstyle ':completion:*' completer _all_matches _complete
zstyle ':completion:*' insert true
zstyle ':completion:*' insert-tab false
show() { print -r -- "<<<\$BUFFER>>>" >buffer; BUFFER=; print done }
zle -N show
bindkey '^I' complete-word '^O' show
print ready
END

zpty z env ZDOTDIR=$PWD TERM=dumb zsh -d -i
zpty -r -m z out '*ready*'
zpty -w -n z "$3"$'\t'$'\017'
zpty -r -m z out '*done*'
out=${${$(<buffer)#<<<}%>>>}
[[ $out == $3 ]] || print -l -- ${(z)out#${3% *} }
